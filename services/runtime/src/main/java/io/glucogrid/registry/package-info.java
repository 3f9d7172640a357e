/** Definitions: read from files, checked whole, written as one canonical text. */
@NullMarked
package io.glucogrid.registry;

import org.jspecify.annotations.NullMarked;
