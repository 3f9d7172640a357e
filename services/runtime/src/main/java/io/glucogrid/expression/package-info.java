/** The expression language of on-demand features. */
@NullMarked
package io.glucogrid.expression;

import org.jspecify.annotations.NullMarked;
