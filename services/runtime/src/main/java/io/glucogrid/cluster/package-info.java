/** Whether the grid is whole: a majority of its nodes, and every partition with an owner. */
@NullMarked
package io.glucogrid.cluster;

import org.jspecify.annotations.NullMarked;
