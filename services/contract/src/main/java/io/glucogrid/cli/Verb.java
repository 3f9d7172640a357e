package io.glucogrid.cli;

import java.util.concurrent.Callable;

/**
 * A verb of the {@code glucogrid} command: a class with picocli annotations, found with {@link java.util.ServiceLoader}. The
 * result is the exit code: 0 done, 1 failed, 2 wrong usage, 3 done but not all of it held.
 */
public interface Verb extends Callable<Integer> {}
