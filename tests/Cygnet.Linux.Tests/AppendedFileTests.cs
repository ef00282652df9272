// A log file: always at the end, whatever others do to it, and honest about a full disk.
using System.Text;

namespace Cygnet.Linux.Tests;

public sealed class AppendedFileTests : IDisposable
{
    readonly string _directory = Directory.CreateTempSubdirectory("appended").FullName;

    string File_ => Path.Combine(_directory, "log");

    public void Dispose() => Directory.Delete(_directory, true);

    static void Put(Stream file, string text) => file.Write(Encoding.UTF8.GetBytes(text));

    [Fact]
    public void WhoEmptiesItLeavesNoHoleAndWhoWritesBesideItLosesNothing()
    {
        using var file = AppendedFile.Open(File_, isEmptied: false);
        Put(file, "one\n");
        File.AppendAllText(File_, "another's\n");
        Put(file, "two\n");
        Assert.Equal("one\nanother's\ntwo\n", File.ReadAllText(File_));
        File.WriteAllText(File_, "");
        Put(file, "three\n");
        Assert.Equal("three\n", File.ReadAllText(File_));
    }

    [Theory]
    [InlineData(false, "old\nnew\n")]
    [InlineData(true, "new\n")]
    public void WhatStandsInItStaysOrGoes(bool isEmptied, string expected)
    {
        File.WriteAllText(File_, "old\n");
        using (var file = AppendedFile.Open(File_, isEmptied)) Put(file, "new\n");
        Assert.Equal(expected, File.ReadAllText(File_));
    }

    [Fact]
    public void AFullDiskIsSaid()
    {
        using var full = AppendedFile.Open("/dev/full", isEmptied: false);
        Assert.Equal("No space left on device", Assert.Throws<IOException>(() => Put(full, "x")).Message);
        Assert.Equal("No such file or directory", Assert.Throws<IOException>(() => AppendedFile.Open($"{_directory}/no/log", isEmptied: false)).Message);
    }
}
