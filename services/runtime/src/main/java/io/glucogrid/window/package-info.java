/** Windowed features: the readings they are computed from, and the one implementation of their functions. */
@NullMarked
package io.glucogrid.window;

import org.jspecify.annotations.NullMarked;
