// Spans of time as status, list and pki show them. ipsec(8).
using System.Globalization;

namespace Cygnet.Control;

/// <summary>The reference's words for a span of time.</summary>
public static class Delta
{
    /// <summary>Seconds up to 120, minutes up to 2 hours, hours up to 2 days, then days; integer division.</summary>
    public static string Of(long seconds)
    {
        seconds = Math.Abs(seconds);
        var (n, unit) = seconds switch
        {
            <= 120 => (seconds, "second"),
            <= 7_200 => (seconds / 60, "minute"),
            <= 172_800 => (seconds / 3_600, "hour"),
            _ => (seconds / 86_400, "day"),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{n} {unit}{(n == 1 ? "" : "s")}");
    }
}
