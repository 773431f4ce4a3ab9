/** How the slot map gets into Jedis. Not API: anything here may change with any version. */
package io.slotkeeper.jedis.internal;
