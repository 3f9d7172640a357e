package io.glucogrid.loaders;

import java.io.ByteArrayInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.CreateFileOptionKeys;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.apache.parquet.io.SeekableInputStream;

/**
 * A tier on an object store that speaks S3: the whole file under its final name by one conditional upload ({@code
 * If-None-Match: *}), never a rename.
 *
 * <p>The name of a segment has its checksum, so it is known only when all bytes are; until then they are in a local temporary
 * file without a name, which a killed process leaves nothing of.
 *
 * <p>The answer to an upload may be lost, and its repetition is then refused because of itself. So a refusal counts as done where
 * what is there is what was to be written.
 */
final class S3Tier extends HadoopTier {
    S3Tier(URI root, FileSystem files) {
        super(root, files);
    }

    @Override
    public Pending create(String folder) throws IOException {
        java.nio.file.Path spool = Files.createTempFile("segment-", ".spool");
        return new PendingObject(
                folder,
                FileChannel.open(
                        spool, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE));
    }

    /** Copies, then deletes: in between the file has both names, and a repetition goes on from there. */
    @Override
    public void move(String from, String to) throws IOException {
        try (SeekableInputStream in = input(from).newStream()) {
            upload(at(to), in);
        } catch (NoSuchFileException gone) {
            throw gone;
        } catch (IOException refused) {
            if (!isThere(to, files().getFileStatus(at(from)).getLen())) {
                throw refused;
            }
        }
        delete(from);
    }

    @Override
    public boolean createIfAbsent(String path, byte[] bytes) throws IOException {
        try {
            upload(at(path), new ByteArrayInputStream(bytes));
            return true;
        } catch (IOException refused) {
            byte[] there = read(path);
            if (there == null) {
                throw refused;
            }
            return Arrays.equals(there, bytes);
        }
    }

    private void upload(Path target, InputStream bytes) throws IOException {
        FSDataOutputStreamBuilder<?, ?> upload = files().createFile(target);
        upload.overwrite(true); // and refused by the store itself where there is one already
        upload.opt(CreateFileOptionKeys.FS_OPTION_CREATE_CONDITIONAL_OVERWRITE, true);
        FSDataOutputStream out = upload.build();
        try {
            bytes.transferTo(out);
        } catch (IOException failure) {
            abandon(out, failure);
            throw failure;
        }
        out.close();
    }

    /** Closing would publish the half. */
    private static void abandon(FSDataOutputStream out, IOException failure) {
        try {
            out.abort();
        } catch (RuntimeException unsupported) {
            failure.addSuppressed(unsupported);
        }
    }

    private boolean isThere(String path, long bytes) {
        try {
            FileStatus found = files().getFileStatus(at(path));
            return found.isFile() && found.getLen() == bytes;
        } catch (IOException absent) {
            return false;
        }
    }

    /** Bytes wait in a local file. */
    private final class PendingObject implements Pending {
        private final String folder;
        private final FileChannel spool;
        private final SummedOutput output;

        PendingObject(String folder, FileChannel spool) {
            this.folder = folder;
            this.spool = spool;
            this.output = new SummedOutput(at(folder).toString(), this::open);
        }

        @Override
        public OutputFile output() {
            return output;
        }

        @Override
        public int checksum() {
            return output.checksum();
        }

        @Override
        public long publish(String path) throws IOException {
            if (!path.startsWith(folder + "/")) {
                throw new IOException("'" + path + "' is not in the folder that the file was started in");
            }
            spool.position(0);
            long bytes = spool.size();
            try {
                upload(at(path), Channels.newInputStream(spool));
            } catch (IOException refused) {
                if (!isThere(path, bytes)) { // the name has the checksum, so the length says enough
                    throw refused;
                }
            }
            return bytes;
        }

        @Override
        public void close() throws IOException {
            spool.close();
        }

        private PositionOutputStream open(CRC32C checksum) {
            return new SummedStream(new Unclosed(Channels.newOutputStream(spool)), checksum, () -> {});
        }
    }

    /** Leaves the file below open: it is read again to be uploaded. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
