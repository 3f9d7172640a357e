package io.glucogrid.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A connection to the feature API, byte by byte, for requests that no HTTP client would send. */
final class Wire implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    private Wire(Socket socket, InputStream in) {
        this.socket = socket;
        this.in = in;
    }

    static Wire to(URI api) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(api.getHost(), api.getPort()), 5_000);
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        return new Wire(socket, socket.getInputStream());
    }

    /** An answer; {@code status} 0 where the connection ended without one. */
    record Answer(int status, String head, byte[] body, boolean closed) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String header(String name) {
            for (String line : head.split("\r\n", -1)) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return "";
        }
    }

    static byte[] request(String method, String path, @Nullable String contentType, byte[] body) {
        String head = method + " " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + body.length + "\r\n"
                + (contentType == null ? "" : "Content-Type: " + contentType + "\r\n") + "\r\n";
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length() + body.length);
        bytes.writeBytes(head.getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Says that nothing more is coming. */
    Wire end() throws IOException {
        socket.shutdownOutput();
        return this;
    }

    /** The next answer; the socket's timeout is the failure that tests look for. */
    Answer receive() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int matched = 0;
        while (matched < 4) {
            int next;
            try {
                next = in.read();
            } catch (java.net.SocketException reset) {
                next = -1;
            }
            if (next < 0) {
                return new Answer(0, head.toString(StandardCharsets.ISO_8859_1), new byte[0], true);
            }
            head.write(next);
            matched = next == "\r\n\r\n".charAt(matched) ? matched + 1 : next == '\r' ? 1 : 0;
        }
        String text = head.toString(StandardCharsets.ISO_8859_1);
        int status = Integer.parseInt(text.substring(9, 12));
        Answer bare = new Answer(status, text, new byte[0], false);
        String length = bare.header("Content-Length");
        byte[] body = length.isEmpty() ? new byte[0] : in.readNBytes(Integer.parseInt(length));
        boolean closed = bare.header("Connection").equalsIgnoreCase("close");
        return new Answer(status, text, body, closed);
    }

    /** Whether something came back already. */
    boolean hasAnswer() throws IOException {
        return in.available() > 0;
    }

    /** Whether the server closes the connection, within the socket's timeout. */
    boolean endsSoon() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketTimeoutException open) {
            return false;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
