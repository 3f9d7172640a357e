/** Writes to the caches that hold rows: the latest one of each entity, and the hot window of history. */
@NullMarked
package io.glucogrid.online;

import org.jspecify.annotations.NullMarked;
