package io.glucogrid.client.process;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * SIGINT and SIGTERM: the first one asks for a stop in order, a second one ends the process at once.
 *
 * <p>A JVM shutdown hook cannot do this: while hooks run, the JVM ignores further signals. The JDK's signal class is used
 * through reflection because compilers warn of it wherever it is named.
 */
public final class ProcessSignals {
    /** Exit code of a process that Ctrl-C ended. */
    private static final int INTERRUPTED = 130;

    private ProcessSignals() {}

    /**
     * Calls {@code stop} on the first signal, from a thread of the JVM.
     *
     * @param atOnce called on the second one, right before the process ends
     */
    public static void handle(Runnable stop, Runnable atOnce) {
        AtomicBoolean asked = new AtomicBoolean();
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (method.getName().equals("handle")) {
                if (asked.compareAndSet(false, true)) {
                    stop.run();
                } else {
                    try {
                        atOnce.run();
                    } finally {
                        Runtime.getRuntime().halt(INTERRUPTED);
                    }
                }
                return null;
            }
            return method.getName().equals("hashCode") ? System.identityHashCode(proxy) : proxy == arguments[0];
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object proxy = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, handler);
            for (String name : new String[] {"INT", "TERM"}) {
                signal.getMethod("handle", signal, handlerType)
                        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
            }
        } catch (ReflectiveOperationException failure) {
            throw new GridException(ErrorCode.INTERNAL, "this JVM lets nobody handle signals", failure);
        }
    }
}
