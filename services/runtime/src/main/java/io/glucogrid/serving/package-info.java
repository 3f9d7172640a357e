/** Reads and writes of features on a node, and the registry that they follow. */
@NullMarked
package io.glucogrid.serving;

import org.jspecify.annotations.NullMarked;
