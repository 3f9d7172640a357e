package io.glucogrid.broker;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Main class of the development broker.
 *
 * <p>It formats its directory at first use, starts a KRaft broker on the loopback interface, creates the topic and its
 * dead-letter topic, waits until every partition answers, and only then prints one line {@code kafka ready on …}: whoever
 * waits for that line may produce at once. SIGTERM stops it in order (exit code 143, as of any JVM). Exit code 1: could not
 * start; 2: wrong usage.
 */
public final class Broker {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int STOP_SECONDS = 20;

    private Broker() {}

    /** Runs until the process is told to stop. */
    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    private static int run(String[] arguments, PrintStream out, PrintStream err) {
        BrokerOptions options;
        try {
            options = BrokerOptions.parse(arguments);
        } catch (IllegalArgumentException wrong) {
            err.println("kafka: " + wrong.getMessage());
            err.println(BrokerOptions.USAGE);
            return 2;
        }
        int port;
        try {
            port = freePort(InetAddress.getByName(options.host()), options.port());
        } catch (IOException taken) {
            err.println("kafka: port " + options.port() + " on " + shown(options) + " is taken (" + taken.getMessage()
                    + "); stop what listens there or choose another with --port");
            return 1;
        }
        CountDownLatch stopped = new CountDownLatch(1);
        try (KraftServer server = KraftServer.start(
                options.data(), options.host(), port, freePort(InetAddress.getByAddress(LOOPBACK), 0))) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, stopped), "kafka-stop"));
            Map<String, Integer> topics =
                    TopicSetup.create(options.host() + ":" + port, options.topic(), options.partitions());
            out.println("kafka ready on " + shown(options) + ":" + port + " topics " + described(topics) + " data "
                    + options.data());
            out.flush();
            server.awaitShutdown();
            return 0;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (IOException | RuntimeException failure) {
            err.println("kafka: cannot start: " + reason(failure));
            return 1;
        } finally {
            stopped.countDown();
        }
    }

    /** Runs in the shutdown hook: the process ends when this returns, so it waits for the main thread's last steps. */
    private static void stop(KraftServer server, CountDownLatch stopped) {
        server.close();
        try {
            if (!stopped.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("kafka: did not stop within " + STOP_SECONDS + " s");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String shown(BrokerOptions options) {
        return options.host().equals(BrokerOptions.LOOPBACK) ? "localhost" : options.host();
    }

    /** The port itself if nobody listens there, or any free one for 0. */
    private static int freePort(InetAddress host, int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(host, port));
            return socket.getLocalPort();
        }
    }

    private static String described(Map<String, Integer> topics) {
        return new TreeMap<>(topics)
                .entrySet().stream()
                        .map(topic -> topic.getKey() + "(" + topic.getValue() + ")")
                        .collect(Collectors.joining(" "));
    }

    private static String reason(Throwable failure) {
        Throwable deepest = failure;
        while (deepest.getCause() != null) {
            deepest = deepest.getCause();
        }
        String message = deepest.getMessage();
        return message == null ? deepest.getClass().getSimpleName() : message;
    }
}
