/** The way to the native library, and what the modules for the versions of Jedis share. Not API: anything here may change with any version. */
package io.slotkeeper.internal;
