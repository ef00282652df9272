// Our pki and the reference's, run with the same arguments on the same files.
using System.Formats.Asn1;

namespace Cygnet.PkiTool.Tests;

static class Comparison
{
    /// <summary>Same exit code, same output.</summary>
    public static void Same(Desk desk, string arguments)
    {
        var (ours, theirs) = (desk.Pki(arguments), desk.Reference(arguments));
        Assert.Equal((arguments, theirs.Exit, theirs.Text), (arguments, ours.Exit, ours.Text));
        Assert.Equal(theirs.Output, ours.Output);
    }

    /// <summary>Same bytes; where the signature draws random numbers, the same signed part.</summary>
    public static void SameSigned(Desk desk, string arguments, bool isDeterministic)
    {
        var (ours, theirs) = (desk.Pki(arguments), desk.Reference(arguments));
        Assert.Equal((arguments, theirs.Exit), (arguments, ours.Exit));
        if (isDeterministic) Assert.Equal((arguments, Convert.ToHexString(theirs.Output)), (arguments, Convert.ToHexString(ours.Output)));
        else Assert.Equal((arguments, Tbs(theirs.Output)), (arguments, Tbs(ours.Output)));
    }

    static string Tbs(byte[] signed)
    {
        if (signed is not [0x30, ..]) signed = Cygnet.Pki.Pem.Read(signed, out _)![0].Content;
        return Convert.ToHexString(new AsnReader(signed, AsnEncodingRules.DER).ReadSequence().PeekEncodedValue().Span);
    }
}
