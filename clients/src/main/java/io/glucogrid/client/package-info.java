/** Ways into a running grid from outside: the feature API over HTTP, and Ignite's thin client. */
@NullMarked
package io.glucogrid.client;

import org.jspecify.annotations.NullMarked;
