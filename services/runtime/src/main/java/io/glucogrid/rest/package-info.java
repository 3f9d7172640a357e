/** Compute tasks for the Ignite REST API: {@code cmd=exe&name=io.glucogrid.rest.GetOnlineFeatures&p1={...}}. */
@NullMarked
package io.glucogrid.rest;

import org.jspecify.annotations.NullMarked;
