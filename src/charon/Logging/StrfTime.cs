// The conversions of strftime(3) that log time formats use, in the C locale.
using System.Globalization;
using System.Text;

namespace Cygnet.Charon.Logging;

static class StrfTime
{
    public static string Format(string format, DateTimeOffset at)
    {
        var text = new StringBuilder();
        for (var i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            text.Append(One(format[++i], at) ?? "%" + format[i]);
        }
        return text.ToString();
    }

    static string? One(char conversion, DateTimeOffset at) => conversion switch
    {
        'a' => Net("ddd", at),
        'A' => Net("dddd", at),
        'b' or 'h' => Net("MMM", at),
        'B' => Net("MMMM", at),
        'c' => Format("%a %b %e %H:%M:%S %Y", at),
        'd' => Net("dd", at),
        'D' or 'x' => Format("%m/%d/%y", at),
        'e' => string.Create(CultureInfo.InvariantCulture, $"{at.Day,2}"),
        'F' => Net("yyyy-MM-dd", at),
        'H' => Net("HH", at),
        'I' => Net("hh", at),
        'j' => string.Create(CultureInfo.InvariantCulture, $"{at.DayOfYear:000}"),
        'm' => Net("MM", at),
        'M' => Net("mm", at),
        'n' => "\n",
        'p' => Net("tt", at),
        'R' => Net("HH:mm", at),
        's' => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Net("ss", at),
        't' => "\t",
        'T' or 'X' => Net("HH:mm:ss", at),
        'y' => Net("yy", at),
        'Y' => Net("yyyy", at),
        'z' => Net("zzz", at).Replace(":", "", StringComparison.Ordinal),
        '%' => "%",
        _ => null,
    };

    static string Net(string format, DateTimeOffset at) => at.ToString(format, CultureInfo.InvariantCulture);
}
