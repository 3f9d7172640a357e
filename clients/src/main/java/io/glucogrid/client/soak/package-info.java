/** Numbered readings through a grid of processes that fail on purpose, and the judge of what came out. */
@NullMarked
package io.glucogrid.client.soak;

import org.jspecify.annotations.NullMarked;
