/** Times and values as callers write them, and as rows hold them. */
@NullMarked
package io.glucogrid.value;

import org.jspecify.annotations.NullMarked;
