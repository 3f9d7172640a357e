/** Linear models next to the data: their shelf, their training with Ignite ML, and the exact sums that check it. */
@NullMarked
package io.glucogrid.ml;

import org.jspecify.annotations.NullMarked;
