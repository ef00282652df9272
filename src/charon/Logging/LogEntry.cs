// A log line with when and where it arose, on its way to the writer.
using Cygnet.Ike;

namespace Cygnet.Charon.Logging;

/// <summary>A line, the wall-clock time, and the number of the thread that the reference prints.</summary>
readonly record struct LogEntry(DateTimeOffset Time, int Thread, LogLine Line);
