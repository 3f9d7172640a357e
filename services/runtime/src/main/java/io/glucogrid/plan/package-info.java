/** What a change of the definitions would do, told before it is done. */
@NullMarked
package io.glucogrid.plan;

import org.jspecify.annotations.NullMarked;
