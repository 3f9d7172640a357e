/** The glucogrid command, and the life of a server node: checks, start, what it tells, stop. */
@NullMarked
package io.glucogrid.node;

import org.jspecify.annotations.NullMarked;
