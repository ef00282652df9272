// Formats a log line only if somebody wants it.
using System.Runtime.CompilerServices;

namespace Cygnet.Ike;

[InterpolatedStringHandler]
ref struct LogText
{
    DefaultInterpolatedStringHandler _text;

    public LogText(int literalLength, int formattedCount, IkeSa sa, LogGroup group, int level, out bool wanted)
    {
        wanted = sa.WantsLog(group, level);
        if (wanted) _text = new(literalLength, formattedCount);
        IsWanted = wanted;
    }

    public bool IsWanted { get; }

    public void AppendLiteral(string s) => _text.AppendLiteral(s);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public void AppendFormatted<T>(T value, string? format) => _text.AppendFormatted(value, format);

    public string ToStringAndClear() => _text.ToStringAndClear();
}
