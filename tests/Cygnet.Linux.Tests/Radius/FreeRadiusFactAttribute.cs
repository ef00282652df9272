// Tests with a real RADIUS server need one.
namespace Cygnet.Linux.Tests.Radius;

/// <summary>A fact that is skipped, and says so, where FreeRADIUS is not installed.</summary>
sealed class FreeRadiusFactAttribute : FactAttribute
{
    public FreeRadiusFactAttribute() => Skip = FreeRadiusTheoryAttribute.WhyNot;
}

/// <summary>As <see cref="FreeRadiusFactAttribute"/>.</summary>
sealed class FreeRadiusTheoryAttribute : TheoryAttribute
{
    public static string? WhyNot => File.Exists("/usr/sbin/freeradius") ? null : "needs freeradius";

    public FreeRadiusTheoryAttribute() => Skip = WhyNot;
}
