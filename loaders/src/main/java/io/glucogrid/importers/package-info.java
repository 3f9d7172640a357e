/** Files of readings into the tier, and synthetic ones out of nothing. */
@NullMarked
package io.glucogrid.importers;

import org.jspecify.annotations.NullMarked;
