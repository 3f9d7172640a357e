/** Processes of the glucogrid command that another glucogrid command starts, watches and stops. */
@NullMarked
package io.glucogrid.client.process;

import org.jspecify.annotations.NullMarked;
