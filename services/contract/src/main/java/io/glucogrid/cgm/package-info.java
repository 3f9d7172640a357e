/** The words of continuous glucose monitoring: readings, and where they come from. */
@NullMarked
package io.glucogrid.cgm;

import org.jspecify.annotations.NullMarked;
