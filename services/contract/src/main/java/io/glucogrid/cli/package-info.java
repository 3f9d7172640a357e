/** How a module adds verbs to the glucogrid command. */
@NullMarked
package io.glucogrid.cli;

import org.jspecify.annotations.NullMarked;
