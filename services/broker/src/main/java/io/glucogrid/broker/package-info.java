/** A real, single-node Kafka broker in a process of its own. */
@NullMarked
package io.glucogrid.broker;

import org.jspecify.annotations.NullMarked;
