/** Removes what the grid stores of an entity, and keeps it away. */
@NullMarked
package io.glucogrid.forget;

import org.jspecify.annotations.NullMarked;
