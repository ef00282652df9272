// A logger that writes to a file, or to standard output or error.
using System.Globalization;
using System.Text;
using Cygnet.Linux;

namespace Cygnet.Charon.Logging;

/// <summary>A disk that is full, a pipe that is closed: what cannot be written is lost and counted, and every later line is another try.</summary>
sealed class FileLogger(LogLevels levels, Stream stream, bool ownsStream, string name = "standard output") : Logger(levels)
{
    readonly StreamWriter _writer = new(stream, new UTF8Encoding(false), 8192, leaveOpen: !ownsStream);
    bool _isFailing, _isClosed;
    int _unwritten, _lost;

    /// <summary>As of strftime(3); empty prints no time.</summary>
    public string TimeFormat { get; init; } = "";

    /// <summary>So many digits of the second's fraction follow the time: 0, 3 or 6.</summary>
    public int FractionDigits { get; init; }

    /// <summary>Flushes after each line, not only when the queue has run empty.</summary>
    public bool FlushesLines { get; init; }

    /// <summary>Opens a file for appending or anew; its directory must exist.</summary>
    public static Stream Open(string path, bool append) => AppendedFile.Open(path, isEmptied: !append);

    protected override void WriteLine(in LogEntry entry, string prefix, string text)
    {
        if (_isClosed) return;
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
            _unwritten++;
        }
        catch (IOException e)
        {
            // The buffer was full and went out.
            _unwritten++;
            Fail(e);
            return;
        }
        if (FlushesLines) Flush();
    }

    public override void Flush()
    {
        if (_isClosed || _unwritten == 0) return;
        try
        {
            _writer.Flush();
        }
        catch (IOException e)
        {
            Fail(e);
            return;
        }
        _unwritten = 0;
        if (!_isFailing) return;
        var lost = _lost;
        (_isFailing, _lost) = (false, 0);
        // To everybody, this file too: it has a gap.
        Tell?.Invoke($"writing to {name} works again, {lost} log lines are lost");
    }

    // What was buffered is gone with the failure.
    void Fail(IOException e)
    {
        _lost += _unwritten;
        _unwritten = 0;
        if (_isFailing) return;
        _isFailing = true;
        Complain?.Invoke($"writing to {name} failed: {e.Message}; the daemon goes on without that log");
    }

    public override bool CanTell => !_isFailing && !_isClosed;

    public override void Dispose()
    {
        (Complain, Tell) = (null, null);
        Flush();
        // The writer may still hold this logger from before it was replaced.
        _isClosed = true;
        try { _writer.Dispose(); }
        catch (IOException) { }
    }
}
