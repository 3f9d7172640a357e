/** Files of rows that go into a point-in-time join and come out of it. */
@NullMarked
package io.glucogrid.frame;

import org.jspecify.annotations.NullMarked;
