/** What happens in the grid, as it happens, for whoever is looking. */
@NullMarked
package io.glucogrid.live;

import org.jspecify.annotations.NullMarked;
