/** The client verbs of the glucogrid command. */
@NullMarked
package io.glucogrid.client.cli;

import org.jspecify.annotations.NullMarked;
