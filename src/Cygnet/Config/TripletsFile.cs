// ipsec.d/triplets.dat: GSM triplets of subscribers, for EAP-SIM without a card. Lines of IMSI,RAND,SRES,Kc in hexadecimal.
using System.Globalization;
using System.Text;
using Cygnet.Eap.Sim;

namespace Cygnet.Config;

/// <summary>A line: the subscriber's identity as written, and RAND, SRES and Kc in one piece.</summary>
public sealed record TripletLine(string Imsi, byte[] Value);

/// <summary>Reads triplets.dat. A wrong line is left out and named; the others count.</summary>
public static class TripletsFile
{
    public static IReadOnlyList<TripletLine> Parse(string path, byte[] bytes, out IReadOnlyList<ConfigError> errors)
    {
        List<TripletLine> lines = [];
        List<ConfigError> wrong = [];
        var number = 0;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            number++;
            var text = line.TrimEnd('\r').Trim();
            if (text.Length == 0 || text.StartsWith('#')) continue;
            if (Read(text) is { } triplet) lines.Add(triplet);
            else
            {
                wrong.Add(new(string.Create(CultureInfo.InvariantCulture, $"error in triplet file, line {number}"), new(path, number, 1),
                    "expected IMSI,RAND,SRES,Kc, the last three in 32, 8 and 16 hexadecimal digits") { IsWarning = true });
            }
        }
        errors = wrong;
        return lines;
    }

    static TripletLine? Read(string text)
    {
        // further fields do not count, nor what stands behind a #
        if (text.Split('#')[0].Split(',', StringSplitOptions.TrimEntries) is not [{ Length: > 0 } imsi, var rand, var sres, var kc, ..]) return null;
        var value = new byte[SimTriplet.Bytes];
        return Hex(rand, value.AsSpan(0, SimTriplet.RandBytes)) && Hex(sres, value.AsSpan(SimTriplet.RandBytes, SimTriplet.SresBytes))
            && Hex(kc, value.AsSpan(SimTriplet.RandBytes + SimTriplet.SresBytes)) ? new(imsi, value) : null;
    }

    static bool Hex(string digits, Span<byte> bytes) =>
        digits.Length == 2 * bytes.Length && Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
}
