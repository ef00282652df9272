// Text forms that VICI fixes: uptime, absolute times, SPIs.
using System.Globalization;

namespace Cygnet.Control;

static class TextForms
{
    /// <summary>Seconds up to 120 s, minutes up to 2 h, hours up to 2 days, then days; integer division.</summary>
    public static string Uptime(TimeSpan span)
    {
        var seconds = Math.Max(0, (long)span.TotalSeconds);
        var (n, unit) = seconds switch
        {
            <= 120 => (seconds, "second"),
            <= 2 * 3600 => (seconds / 60, "minute"),
            <= 2 * 86400 => (seconds / 3600, "hour"),
            _ => (seconds / 86400, "day"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{n} {unit}{(n == 1 ? "" : "s")}");
    }

    public static string LocalTime(DateTimeOffset at) => at.ToLocalTime().ToString("MMM dd HH:mm:ss yyyy", CultureInfo.InvariantCulture);

    public static string IkeSpi(ulong spi) => spi.ToString("x16", CultureInfo.InvariantCulture);

    public static string Spi(uint spi) => spi.ToString("x8", CultureInfo.InvariantCulture);
}
