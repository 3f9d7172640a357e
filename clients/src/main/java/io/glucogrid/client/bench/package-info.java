/** Measures a node of its own against the marks the project has set itself. */
@NullMarked
package io.glucogrid.client.bench;

import org.jspecify.annotations.NullMarked;
