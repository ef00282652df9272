// A logger that writes to a file, or to standard output or error.
using System.Globalization;
using System.Text;

namespace Cygnet.Charon.Logging;

sealed class FileLogger(LogLevels levels, Stream stream, bool ownsStream) : Logger(levels)
{
    readonly StreamWriter _writer = new(stream, new UTF8Encoding(false), 8192, leaveOpen: !ownsStream);
    bool _failed;

    /// <summary>As of strftime(3); empty prints no time.</summary>
    public string TimeFormat { get; init; } = "";

    /// <summary>So many digits of the second's fraction follow the time: 0, 3 or 6.</summary>
    public int FractionDigits { get; init; }

    /// <summary>Flushes after each line, not only when the queue has run empty.</summary>
    public bool FlushesLines { get; init; }

    /// <summary>Opens a file for appending or anew; its directory must exist.</summary>
    public static FileStream Open(string path, bool append) =>
        new(path, append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 1);

    protected override void WriteLine(in LogEntry entry, string prefix, string text)
    {
        if (_failed) return;
        try
        {
            if (TimeFormat.Length > 0)
            {
                _writer.Write(StrfTime.Format(TimeFormat, entry.Time.ToLocalTime()));
                if (FractionDigits > 0) _writer.Write(entry.Time.ToString(FractionDigits == 3 ? ".fff" : ".ffffff", CultureInfo.InvariantCulture));
                _writer.Write(' ');
            }
            _writer.Write(prefix);
            _writer.Write(text);
            _writer.Write('\n');
            if (FlushesLines) _writer.Flush();
        }
        catch (IOException)
        {
            // A full disk or a closed pipe: the other loggers go on, this one has nobody left to tell.
            _failed = true;
        }
    }

    public override void Flush()
    {
        if (_failed) return;
        try { _writer.Flush(); }
        catch (IOException) { _failed = true; }
    }

    public override void Dispose()
    {
        Flush();
        // The writer may still hold this logger from before it was replaced.
        _failed = true;
        try { _writer.Dispose(); }
        catch (IOException) { }
    }
}
