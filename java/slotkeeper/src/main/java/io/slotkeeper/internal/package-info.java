/** The way to the native library. Not API: anything here may change with any version. */
package io.slotkeeper.internal;
