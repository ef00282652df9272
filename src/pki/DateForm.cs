// Dates on the command line, in the form of strptime(3) that --dateform names; local time, as in the reference.
using System.Globalization;

namespace Cygnet.PkiTool;

static class DateForm
{
    public const string Default = "%d.%m.%y %T";

    /// <summary>The moment, or null if the text does not fit the form or the form has a letter that is not known.</summary>
    public static DateTimeOffset? Parse(string text, string form)
    {
        int year = 1900, month = 1, day = 1, hour = 0, minute = 0, second = 0, at = 0;
        form = form.Replace("%T", "%H:%M:%S", StringComparison.Ordinal).Replace("%R", "%H:%M", StringComparison.Ordinal)
            .Replace("%F", "%Y-%m-%d", StringComparison.Ordinal).Replace("%D", "%m/%d/%y", StringComparison.Ordinal);
        for (var i = 0; i < form.Length; i++)
        {
            if (char.IsWhiteSpace(form[i]))
            {
                while (at < text.Length && char.IsWhiteSpace(text[at])) at++;
                continue;
            }
            if (form[i] != '%' || ++i == form.Length)
            {
                if (i == form.Length || at == text.Length || text[at++] != form[i]) return null;
                continue;
            }
            var fits = form[i] switch
            {
                'd' or 'e' => Number(2, 1, 31, out day),
                'm' => Number(2, 1, 12, out month),
                'Y' => Number(4, 1, 9999, out year),
                'y' => Number(2, 0, 99, out year),
                'H' => Number(2, 0, 23, out hour),
                'M' => Number(2, 0, 59, out minute),
                'S' => Number(2, 0, 59, out second),
                'b' or 'B' or 'h' => Month(),
                '%' => at < text.Length && text[at++] == '%',
                _ => false,
            };
            if (!fits) return null;
            // The century of POSIX: 69 to 99 are of the last one.
            if (form[i] == 'y') year += year < 69 ? 2000 : 1900;
        }
        if (at != text.Length || day > DateTime.DaysInMonth(year, month)) return null;
        var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified);
        return new DateTimeOffset(local, TimeZoneInfo.Local.GetUtcOffset(local));

        bool Number(int digits, int least, int most, out int value)
        {
            while (at < text.Length && text[at] == ' ') at++;
            var from = at;
            while (at < text.Length && at - from < digits && char.IsAsciiDigit(text[at])) at++;
            return int.TryParse(text.AsSpan(from, at - from), NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most;
        }

        bool Month()
        {
            var names = CultureInfo.InvariantCulture.DateTimeFormat;
            for (var m = 1; m <= 12; m++)
            {
                foreach (var name in (string[])[names.GetMonthName(m), names.GetAbbreviatedMonthName(m)])
                {
                    if (!text.AsSpan(at).StartsWith(name, StringComparison.OrdinalIgnoreCase)) continue;
                    (month, at) = (m, at + name.Length);
                    return true;
                }
            }
            return false;
        }
    }
}

/// <summary>The options that say from when to when something is valid.</summary>
sealed class Validity(string fromOption, string toOption, TimeSpan lifetime)
{
    string? _from, _to;
    string _form = DateForm.Default;
    TimeSpan _lifetime = lifetime;

    public bool Take(Given given, TimeSpan unit)
    {
        if (given.Name == "lifetime") _lifetime = unit * Words.Number(given, 1, 36_500 * 24);
        else if (given.Name == fromOption) _from = given.Value;
        else if (given.Name == toOption) _to = given.Value;
        else if (given.Name == "dateform") _form = given.Value;
        else return false;
        return true;
    }

    /// <summary>Both ends; one that is given decides the other by the lifetime.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Between(DateTimeOffset now)
    {
        var from = Date(fromOption, _from);
        var to = Date(toOption, _to);
        try
        {
            var start = from ?? (to is { } end ? end - _lifetime : now);
            var stop = to ?? start + _lifetime;
            if (stop < start) throw Refusal.Usage($"invalid --{fromOption}/--{toOption}: {start:yyyy-MM-dd HH:mm:ss} is after {stop:yyyy-MM-dd HH:mm:ss}");
            return (start, stop);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw Refusal.Usage("invalid --lifetime: the end would be after the year 9999");
        }
    }

    DateTimeOffset? Date(string option, string? text)
    {
        if (text is null) return null;
        return DateForm.Parse(text, _form) ?? throw Refusal.Usage($"invalid --{option} datetime '{text}': it does not fit the --dateform '{_form}'");
    }
}
