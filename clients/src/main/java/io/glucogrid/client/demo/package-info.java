/** The demo: broker, nodes, data and streams under one supervisor that checks what came out. */
@NullMarked
package io.glucogrid.client.demo;

import org.jspecify.annotations.NullMarked;
