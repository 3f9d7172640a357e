package io.glucogrid.client.process;

import io.glucogrid.grid.ErrorCode;
import io.glucogrid.grid.GridException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** Looks for ports of the loopback interface that nobody listens on. */
public final class Ports {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int STEP = 20;
    private static final int TRIES = 50;

    private Ports() {}

    public static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port));
            return true;
        } catch (IOException taken) {
            return false;
        }
    }

    /** Any free port. */
    public static int any() {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), 0));
            return socket.getLocalPort();
        } catch (IOException none) {
            throw new GridException(ErrorCode.INTERNAL, "no port is free: " + none.getMessage(), none);
        }
    }

    /** {@code port} if it is free, else the next free one after it. */
    public static int from(int port) {
        return firstFree(port, 1);
    }

    /** {@code port} if it is free, else the start of a later range of {@value #STEP} whose first port is free. */
    public static int range(int port) {
        return firstFree(port, STEP);
    }

    private static int firstFree(int port, int step) {
        for (int i = 0; i < TRIES; i++) {
            int candidate = port + i * step;
            if (isFree(candidate)) {
                return candidate;
            }
        }
        throw new GridException(ErrorCode.INTERNAL, "no port is free from " + port + " on");
    }
}
