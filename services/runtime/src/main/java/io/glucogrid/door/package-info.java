/** The operations behind every door, JSON in and out. */
@NullMarked
package io.glucogrid.door;

import org.jspecify.annotations.NullMarked;
