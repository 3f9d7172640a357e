/** The one set of operations that HTTP, Ignite REST and thin clients reach. */
@NullMarked
package io.glucogrid.api;

import org.jspecify.annotations.NullMarked;
