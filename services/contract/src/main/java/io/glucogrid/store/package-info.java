/** Ports of the online and the offline store, and the rows that cross them. */
@NullMarked
package io.glucogrid.store;

import org.jspecify.annotations.NullMarked;
