/** What every module knows of the grid: its caches, its settings, its error codes, its buckets. */
@NullMarked
package io.glucogrid.grid;

import org.jspecify.annotations.NullMarked;
