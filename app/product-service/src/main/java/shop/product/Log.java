package shop.product;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** One JSON object a line on standard output, for our own messages and for those of the libraries. */
final class Log {
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private Log() {}

    static void captureLibraries() {
        LogManager.getLogManager().reset();
        var root = LogManager.getLogManager().getLogger("");
        root.setLevel(Level.WARNING);
        root.addHandler(new Libraries());
    }

    static void info(String message) {
        write(line("info", message));
    }

    static void warn(String message) {
        write(line("warn", message));
    }

    static void error(String message, Throwable cause) {
        var line = line("error", message);
        if (cause != null) {
            line.put("error", stackTrace(cause));
        }
        write(line);
    }

    static ObjectNode line(String level, String message) {
        return Json.object()
                .put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("level", level)
                .put("service", Main.SERVICE)
                .put("message", message);
    }

    static void write(ObjectNode line) {
        OUT.println(Json.write(line));
    }

    private static String stackTrace(Throwable cause) {
        var text = new StringWriter();
        cause.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    private static final class Libraries extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord event) {
            var level = event.getLevel().intValue() >= Level.SEVERE.intValue() ? "error" : "warn";
            var line = line(level, formatter.formatMessage(event)).put("logger", event.getLoggerName());
            if (event.getThrown() != null) {
                // The message is enough: a database that is away would fill the log with stack traces.
                line.put("error", event.getThrown().toString());
            }
            write(line);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
