/** Models as values, and the ports that serve and train them. */
@NullMarked
package io.glucogrid.model;

import org.jspecify.annotations.NullMarked;
